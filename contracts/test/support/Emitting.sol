// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IGuarded} from "../../governance/IGuarded.sol";
import {IRewardDistributor} from "../../rewards/IRewardDistributor.sol";
import {GenesisAllocation} from "../../token/GenesisAllocation.sol";
import {IRewardSink} from "../../rewards/IRewardSink.sol";
import {ICommunityEmission, IEmissionVesting} from "../../token/ICommunityEmission.sol";
import {IGenesis} from "../../token/IGenesis.sol";
import {OpenToken} from "../../token/OpenToken.sol";
import {OpenVesting} from "../../token/OpenVesting.sol";
import {Cheats} from "./Cheats.sol";

/// Takes what it is told to take, and may call back.
contract BadSink is IRewardSink {
    IERC20 internal immutable TOKEN;
    ICommunityEmission internal immutable EMISSION;
    uint256 internal takesWei;
    bool internal callsBack;
    bytes32 public source;
    bytes public reason;

    constructor(IERC20 token, ICommunityEmission emission) {
        (TOKEN, EMISSION) = (token, emission);
    }

    function take(uint256 takesWei_, bool callsBack_) external {
        (takesWei, callsBack) = (takesWei_, callsBack_);
    }

    function fund(uint256, bytes32 source_) external {
        source = source_;
        if (callsBack) {
            try EMISSION.emitRewards() {} catch (bytes memory why) {
                reason = why;
            }
        }
        TOKEN.transferFrom(msg.sender, address(this), takesWei);
    }
}

/// The genesis, the community's wallet, its emission and the vault that it funds, wired as the deployment wires them.
abstract contract Emitting is Cheats {
    address internal constant GOVERNOR = address(0x60);
    address internal constant GUARDIAN = address(0x6a);
    address internal constant STRANGER = address(0x57);
    address internal constant HOLDER = address(0x401d);
    uint256 internal constant RATE_WEI = 100_000e18 + 7; // so that seconds round

    OpenToken internal token;
    OpenVesting internal wallet;
    IRewardDistributor internal vault;
    ICommunityEmission internal emission;
    IGuarded internal guarded;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        IGenesis genesis = IGenesis(deployed("Genesis", abi.encode(address(this))));
        token = genesis.TOKEN();
        wallet = genesis.walletOf(GenesisAllocation.Part.Community);
        vault = IRewardDistributor(deployed("RewardDistributor", abi.encode(token, address(this), 1 days)));
        emission = newEmission(address(token), address(wallet), address(vault), RATE_WEI);
        guarded = IGuarded(address(emission));
        genesis.distribute(IGenesis.Holders(address(emission), HOLDER, HOLDER, HOLDER, HOLDER, HOLDER));
    }

    function newEmission(
        address token_,
        address vesting,
        address sink,
        uint256 ratePerDayWei
    ) internal returns (ICommunityEmission) {
        bytes memory setup = abi.encodeCall(
            ICommunityEmission.initialize,
            (GOVERNOR, GUARDIAN, IERC20(token_), IEmissionVesting(vesting), IRewardSink(sink), ratePerDayWei)
        );
        return ICommunityEmission(deployed("ERC1967Proxy", abi.encode(deployed("CommunityEmission", ""), setup)));
    }
}
