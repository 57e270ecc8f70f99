// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {OpenToken} from "../token/OpenToken.sol";
import {Cheats} from "./support/Cheats.sol";

contract OpenTokenTest is Cheats {
    bytes32 internal constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    OpenToken internal token;

    function setUp() public {
        token = OpenToken(deployed("OpenToken", abi.encode(address(this))));
    }

    function test_TheSupplyIsMintedOnceToTheHolder() public view {
        equal(token.totalSupply(), 1e27, "supply");
        equal(token.balanceOf(address(this)), 1e27, "holder");
        equal(token.decimals(), 18, "decimals");
        equal(keccak256(bytes(token.name())), keccak256("OpenLedger"), "name");
        equal(keccak256(bytes(token.symbol())), keccak256("OPEN"), "symbol");
    }

    function test_ASupplyForNobodyIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        this.deploy(address(0));
    }

    function testFuzz_BurningOnlyLowersTheSupply(uint256 amountWei) public {
        amountWei = bound(amountWei, 0, 1e27);
        token.burn(amountWei);
        equal(token.totalSupply(), 1e27 - amountWei, "supply");
        equal(token.balanceOf(address(this)), 1e27 - amountWei, "holder");
    }

    function test_NobodyBurnsOrSendsWhatAnotherHas() public {
        vm.startPrank(address(1));
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(1), 0, 1));
        token.transfer(address(2), 1);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(1), 0, 1));
        token.burn(1);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(1), 0, 1));
        token.burnFrom(address(this), 1);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(1), 0, 1));
        token.transferFrom(address(this), address(2), 1);
        vm.stopPrank();
    }

    function test_APermitIsGoodOnceAndInTimeAndOnItsChain() public {
        address owner = vm.addr(7);
        (uint8 v, bytes32 r, bytes32 s) = signed(owner, 0, block.timestamp);
        vm.chainId(block.chainid + 1);
        refusesPermit(owner, v, r, s);
        vm.chainId(block.chainid - 1);
        token.permit(owner, address(2), 5, block.timestamp, v, r, s);
        equal(token.allowance(owner, address(2)), 5, "allowance");
        refusesPermit(owner, v, r, s);
        (v, r, s) = signed(owner, 1, block.timestamp);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, block.timestamp - 1));
        token.permit(owner, address(2), 5, block.timestamp - 1, v, r, s);
    }

    /// Who a wrong signature seems to be from is anybody's guess; that it is refused is not.
    function refusesPermit(address owner, uint8 v, bytes32 r, bytes32 s) internal {
        try token.permit(owner, address(2), 5, block.timestamp, v, r, s) {
            revert("a permit that should be refused was taken");
        } catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(ERC20Permit.ERC2612InvalidSigner.selector), "reason");
        }
    }

    /// A call of its own, for the runner expects the next call to be the one that reverts.
    function deploy(address holder) external {
        deployed("OpenToken", abi.encode(holder));
    }

    function signed(address owner, uint256 nonce, uint256 deadline) internal view returns (uint8, bytes32, bytes32) {
        bytes32 message = keccak256(abi.encode(PERMIT, owner, address(2), 5, nonce, deadline));
        return vm.sign(7, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), message)));
    }
}
