// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What the test runner's EVM offers beyond a real one; only what our tests use.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function warp(uint256 timestamp) external;
    function roll(uint256 number) external;
    function chainId(uint256 id) external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function assume(bool condition) external pure;
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata reason) external;
    function expectEmit(address emitter) external;
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function getCode(string calldata name) external view returns (bytes memory);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory logs);
    function addr(uint256 key) external pure returns (address);
    function skip(bool condition) external pure;
    function envOr(string calldata name, bool otherwise) external view returns (bool);
}

/// The little of a test library that we need.
abstract contract Cheats {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    error NotEqual(string what, uint256 found, uint256 expected);

    function equal(uint256 found, uint256 expected, string memory what) internal pure {
        require(found == expected, NotEqual(what, found, expected));
    }

    function equal(address found, address expected, string memory what) internal pure {
        equal(uint160(found), uint160(expected), what);
    }

    function equal(bytes32 found, bytes32 expected, string memory what) internal pure {
        equal(uint256(found), uint256(expected), what);
    }

    /// Maps a fuzzed number into [least, most].
    function bound(uint256 x, uint256 least, uint256 most) internal pure returns (uint256) {
        uint256 span = most - least;
        return span == type(uint256).max ? x : least + (x % (span + 1));
    }

    /// Deploys what the build made of a contract. `new` would put each contract's code into each test, and compile it there.
    function deployed(string memory name, bytes memory parameters) internal returns (address created) {
        bytes memory code = abi.encodePacked(vm.getCode(name), parameters);
        assembly ("memory-safe") {
            created := create(0, add(code, 32), mload(code))
            if iszero(created) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    /// For bounds on gas: where the lane builds without the optimiser, they say nothing.
    modifier optimised() {
        vm.skip(vm.envOr("OPENLEDGER_SOLIDITY_UNOPTIMISED", false));
        _;
    }

    function text(uint256 lengthBytes) internal pure returns (string memory) {
        return string(new bytes(lengthBytes));
    }
}
